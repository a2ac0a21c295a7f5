import type { Catalogue } from '../en';

export const search: Catalogue['search'] = {
  title: 'เริ่มการสนทนาใหม่',
  label: 'ชื่อผู้ใช้',
  hint: 'พิมพ์ตัวอักษรแรก ๆ ของชื่อผู้ใช้',
  results: 'ผู้คน',
  found: (count) => `พบ ${count} คน`,
  nobody: (query) => `ไม่มีชื่อผู้ใช้ที่ขึ้นต้นด้วย "${query}"`,
  failed: 'ค้นหาไม่สำเร็จ ตรวจสอบการเชื่อมต่อแล้วลองอีกครั้ง',
  more: 'แสดงเพิ่ม',
};
